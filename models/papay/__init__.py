"""微信委托代扣: who has agreed that WeChat may take the bills of a home, what was announced, what was taken."""
