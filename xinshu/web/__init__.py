"""Web (页面): the page shell, the components that every page is built of, and the one handler that shows a refusal.

shell 页面外壳, navigation 导航, badge 角标, component 组件, tone 色调 (ok info warn danger law mute),
refusal page 拒绝页, live stream 实时推送.
"""
