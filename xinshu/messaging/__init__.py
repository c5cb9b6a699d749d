"""Messaging (消息): tells members what happened in their cases, on the page at once and in the message list.

notice 消息 (one line for one member), unread 未读, live stream 实时推送, toast 即时提示.
"""
