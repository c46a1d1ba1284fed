"""TLS: contexts, certificate checks, pre-shared keys and the stream that OpenSSL never blocks.

Nothing here is imported before TLS is first used: importing OpenSSL costs a tenth of a second.

    bindings      the boundary to OpenSSL: the only package with private names of its bindings
    machine       one connection of OpenSSL's between two memory buffers
    codes         the numbers of alerts and of refused certificates, and their names
    failures      what OpenSSL reports, in words that say what to do
    files         files that a program names
    verification  whom to trust, and the name that a certificate must carry
    live          the context of pyOpenSSL that programs reach
    psk           pre-shared keys: the caller's functions, and one connection's exchange
    negotiation   versions, cipher suites and application protocols
    identity      the certificate and the private key of this side
    settings      what the connections of a context share, and how it is loaded into OpenSSL
    resumption    sessions that a client resumes
    pump          ciphertext between the descriptor and OpenSSL's memory
    session       the machine under its lock, how it failed, and what it waits for
    protection    what programs are told of a session: the peer, what was agreed on
    handshake     what a session begins with: its flights, one thread's at a time
    stream        TLS as a `Stream`: how all of this works together
    context       what `SslContext` stands on, and how an endpoint becomes a TLS endpoint
"""
