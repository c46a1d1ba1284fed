"""TLS: contexts, certificate checks, pre-shared keys and the stream that OpenSSL never blocks.

Nothing here is imported before TLS is first used: importing OpenSSL costs a tenth of a second.

    bindings      the boundary to OpenSSL: the only package with private names of its bindings
    machine       the session of one connection between two memory buffers
    failures      what OpenSSL reports, in words that say what to do
    verification  whom to trust, and the name that a certificate must carry
    live          the context of pyOpenSSL that programs reach
    psk           pre-shared keys: the caller's functions, and one connection's exchange
    settings      what the connections of a context share, and how it is loaded into OpenSSL
    pump          ciphertext between the descriptor and OpenSSL's memory
    stream        TLS as a `Stream`: who pumps, who waits, who holds the lock
    context       what `SslContext` stands on, and how an endpoint becomes a TLS endpoint
"""
