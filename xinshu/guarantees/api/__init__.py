"""The interface of guarantees (接口): cases, and the changes of a living one."""
