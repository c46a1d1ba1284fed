"""From files in memory to the disk: what differs, written all or nothing."""
