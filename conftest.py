"""What every test stands on. The data folder and the cheap password hashing are in xinshu/config/settings_test.py."""
