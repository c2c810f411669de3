//! Every way in which a server can fail whoever asks it.

/// At what a fault is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// A whole connection, before anything is asked.
    Connection,
    /// A TLS session.
    Session,
    /// The answer to a request that was taken.
    Answer,
}

macro_rules! faults {
    ($($(#[doc = $doc:literal])* $name:ident: $layer:ident,)*) => {
        /// One thing that is done wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Fault {
            $($(#[doc = $doc])* $name,)*
        }

        impl Fault {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// At what it is done.
            pub fn layer(self) -> Layer {
                match self {
                    $(Self::$name => Layer::$layer,)*
                }
            }
        }
    };
}

faults! {
    /// Nothing listens.
    Refused: Connection,
    /// The connection is reset as soon as it stands.
    ResetAtOnce: Connection,
    /// The handshake is never answered.
    SilentHandshake: Session,
    /// The connection is reset in the middle of the handshake.
    ResetInHandshake: Session,
    /// A handshake is answered in plain HTTP.
    PlainToTls: Session,
    /// The certificate has expired.
    Expired: Session,
    /// The certificate is for another name.
    OtherName: Session,
    /// The certificate is by a CA that nobody knows.
    UnknownIssuer: Session,
    /// The session ends in the middle of a body, without the word that says so.
    UnsaidEnd: Session,
    /// The request is taken, and nothing is ever said.
    Silent: Answer,
    /// The connection is reset once the request is taken.
    ResetAfterRequest: Answer,
    /// The connection is reset in the middle of the body.
    ResetInBody: Answer,
    /// The connection is closed before as much came as was announced.
    CutByLength: Answer,
    /// The connection is closed before the last chunk.
    CutInChunks: Answer,
    /// The head comes one byte at a time, without end.
    SlowHead: Answer,
    /// The body comes one byte at a time, without end.
    SlowBody: Answer,
    /// Headers without end.
    EndlessHead: Answer,
    /// Interim answers without end.
    EndlessInterim: Answer,
    /// A body without end.
    HugeBody: Answer,
    /// A body of a tebibyte is announced.
    HugeAnnounced: Answer,
    /// A body without end, in chunks of one byte.
    TinyChunks: Answer,
    /// A page for people, with status 200.
    Page: Answer,
    /// Status 200 and no body.
    Empty: Answer,
    /// What begins as JSON and does not end so.
    Malformed: Answer,
    /// JSON that is nested a hundred thousand deep.
    Deep: Answer,
    /// More comes than was announced.
    ShortLength: Answer,
    /// A length that is no number.
    NoLength: Answer,
    /// Two lengths.
    TwoLengths: Answer,
    /// Something that is no HTTP.
    Garbage: Answer,
    /// A gibibyte, packed.
    GzipBomb: Answer,
    /// Half of something packed.
    GzipHalf: Answer,
    /// Something that is not packed and says that it is.
    GzipNot: Answer,
    /// Something that is packed twice.
    GzipTwice: Answer,
    /// A redirect to itself.
    RedirectLoop: Answer,
    /// A redirect to where nobody may go.
    RedirectForbidden: Answer,
}
