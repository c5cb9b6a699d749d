"""Projects (工程项目): what is built, for whom, what it is estimated at and what it was awarded for, and who won it.

project 工程项目, lot 标段, buyer 建设单位 / 招标人, agency 招标代理, winner 中标人, consortium member 联合体成员,
estimate 招标项目估算价, award 中标, bid opening 开标, bid validity 投标有效期, registrant 登记单位.

Bidder secrecy (投标保密): a project that a bidder or its guarantor entered exists for nobody else until bid opening,
because who entered it, how many did, and when, tells who is going to bid.
"""
