"""What people take away to verify without this platform. Nothing here imports anything of ours."""
