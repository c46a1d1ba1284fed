"""The boundary to OpenSSL: the one place that uses private names of its Python bindings.

pyOpenSSL has no public way to set PSK callbacks, to check a host name inside the handshake or to
read into the caller's memory. The functions for that are in the bindings under it (those of
`cryptography`), whose names are no promise. They are looked up once, when TLS is first used; only
these rooms see values without a type, and what they give away has one.

They make calls and decide nothing: what a session does with them is in `machine`.

    library       the names that must be there, and the two objects that have them
    errorqueue    what OpenSSL reports when it refuses
    datapath      the calls for each record, not wrapped, and the memory they work on
    pem           certificates and keys out of bytes
    contexts      what a context is told and asked
    exchanges     what OpenSSL asks of a program: pre-shared keys, and which connection they are for
    certificates  whom the peer's certificate must be for
    sessions      what is kept of a session
    connections   how a connection is made, and its memory buffers
"""
