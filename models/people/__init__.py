"""People: residents, the WeChat accounts bound to homes, staff."""
