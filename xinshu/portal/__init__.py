"""Portal (门户): the public home page, every role's workbench (工作台), the manual (使用帮助), and whether we are up.

desk 岗位 (what one role finds on its workbench), figure 关键数字, to-do 待办, start 常用入口, bulletin 公告,
arrangement 门户编排: channel 频道, column 栏目, entry 功能入口.
"""
