"""What workers measure: the same work by nimnet's means, and by those that it is compared with.

block        what a work is to a worker
connections  how either side connects
streams      reads, writes and exchanges on one connection
openings     connections that are opened and closed
crowd        many connections that are used in turn
idle         many connections that are not used: what memory they take
datagrams    UDP
addresses    texts of IP addresses
"""
