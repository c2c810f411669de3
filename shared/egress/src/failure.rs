//! What a failed exchange means. The HTTP library hands over nested errors whose texts may hold the URL;
//! only their types are looked at, and every reason that leaves here is one of ours.

use std::error::Error;
use std::io::{self, ErrorKind};

use rustls::{AlertDescription, CertificateError};

use crate::error::EgressError;

type Cause<'a> = &'a (dyn Error + 'static);

pub(crate) fn classify(target: String, error: &reqwest::Error) -> EgressError {
    // Our own resolver's verdict travels inside the library's error.
    if let Some(own) = find::<EgressError>(error) {
        return own.clone();
    }
    let kind = causes(error).find_map(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind);
    let tls = find::<rustls::Error>(error);
    if error.is_connect() {
        if let Some(tls) = tls {
            return EgressError::Tls { target, reason: tls_reason(tls) };
        }
        // The only time-out that the library keeps itself is the one for connecting.
        let reason = if error.is_timeout() { "it did not answer in time" } else { connect_reason(kind) };
        return EgressError::Connect { target, reason };
    }
    if let Some(tls) = tls {
        // A session that stood before it failed may have carried the whole request.
        return EgressError::Broken { target, reason: ended_reason(tls) };
    }
    let reason = match kind {
        Some(ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::UnexpectedEof) => {
            "the connection broke"
        }
        Some(ErrorKind::InvalidData | ErrorKind::InvalidInput) => "its body cannot be decompressed",
        _ => "it is incomplete or not valid HTTP",
    };
    EgressError::Broken { target, reason }
}

/// What a handshake over a dialled connection means when it fails.
pub(crate) fn handshake(target: String, error: &io::Error) -> EgressError {
    match find::<rustls::Error>(error) {
        Some(tls) => EgressError::Tls { target, reason: tls_reason(tls) },
        None => EgressError::Connect { target, reason: connect_reason(Some(error.kind())) },
    }
}

impl EgressError {
    /// What kept a driver from a connection or from a TLS session over it.
    pub fn of_dialling(target: String, error: &io::Error) -> Self {
        handshake(target, error)
    }

    /// What ended a driver's own session over a dialled socket; without a cause, the other side closed it.
    pub fn of_session(target: String, error: Option<&(dyn Error + 'static)>) -> Self {
        if let Some(tls) = error.and_then(find::<rustls::Error>) {
            return Self::Tls { target, reason: tls_reason(tls) };
        }
        let io = error.and_then(|error| causes(error).find_map(|cause| cause.downcast_ref::<io::Error>()));
        let reason = match (error, io.map(io::Error::kind)) {
            (Some(_), None) => "it does not speak the protocol that was expected",
            (_, Some(ErrorKind::InvalidData | ErrorKind::InvalidInput)) => "what it sent can't be read",
            _ => "the connection broke",
        };
        Self::Broken { target, reason }
    }
}

fn find<E: Error + 'static>(error: Cause<'_>) -> Option<&E> {
    causes(error).find_map(|cause| cause.downcast_ref())
}

/// An error and everything below it. `io::Error::source` skips the error that it wraps, hence `get_ref`.
fn causes(error: Cause<'_>) -> impl Iterator<Item = Cause<'_>> {
    std::iter::successors(Some(error), |&cause| {
        match cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner as Cause<'_>),
            None => cause.source(),
        }
    })
}

pub(crate) fn connect_reason(kind: Option<ErrorKind>) -> &'static str {
    match kind {
        Some(ErrorKind::ConnectionRefused) => "the connection was refused",
        Some(ErrorKind::NetworkUnreachable | ErrorKind::HostUnreachable) => "there is no route to it",
        Some(ErrorKind::TimedOut) => "it did not answer in time",
        Some(ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::UnexpectedEof) => {
            "it closed the connection at once"
        }
        _ => "no connection could be made",
    }
}

fn tls_reason(error: &rustls::Error) -> &'static str {
    match error {
        rustls::Error::InvalidCertificate(certificate) => certificate_reason(certificate),
        rustls::Error::NoCertificatesPresented => "it presented no certificate",
        rustls::Error::InvalidMessage(_) => "it does not speak TLS on this port",
        rustls::Error::PeerIncompatible(_) => "it offers no TLS version or cipher that is accepted here",
        rustls::Error::AlertReceived(_) => "it refused the handshake",
        _ => "the handshake failed",
    }
}

fn ended_reason(error: &rustls::Error) -> &'static str {
    match error {
        rustls::Error::AlertReceived(AlertDescription::CertificateRequired) => {
            "it asks for a client certificate"
        }
        _ => "its TLS session failed",
    }
}

fn certificate_reason(error: &CertificateError) -> &'static str {
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "its certificate has expired",
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "its certificate is not valid yet"
        }
        // A bad signature is what another CA of the same name looks like, such as one made anew.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            "its certificate was issued by a CA that is not trusted here"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "its certificate is for another name"
        }
        CertificateError::Revoked => "its certificate was revoked",
        _ => "its certificate is not acceptable",
    }
}

/// Every reason is what a person reads at the failing stage of a live test.
#[cfg(test)]
mod tests {
    use rustls::pki_types::UnixTime;
    use rustls::{InvalidMessage, PeerIncompatible};

    use super::*;

    fn dialling(error: &io::Error) -> (&'static str, String) {
        let error = EgressError::of_dialling("db:1".to_owned(), error);
        (error.stage(), error.to_string())
    }

    #[test]
    fn a_connection_that_is_not_made_says_why() {
        for (kind, why) in [
            (ErrorKind::ConnectionRefused, "the connection was refused"),
            (ErrorKind::NetworkUnreachable, "there is no route to it"),
            (ErrorKind::HostUnreachable, "there is no route to it"),
            (ErrorKind::TimedOut, "it did not answer in time"),
            (ErrorKind::ConnectionReset, "it closed the connection at once"),
            (ErrorKind::ConnectionAborted, "it closed the connection at once"),
            (ErrorKind::UnexpectedEof, "it closed the connection at once"),
            (ErrorKind::PermissionDenied, "no connection could be made"),
        ] {
            let told = ("connect", format!("db:1 cannot be reached: {why}"));
            assert_eq!(dialling(&kind.into()), told, "{kind:?}");
        }
    }

    #[test]
    fn a_handshake_that_fails_says_why() {
        use rustls::Error::{
            AlertReceived, General, InvalidCertificate, InvalidMessage as Unreadable,
            NoCertificatesPresented, PeerIncompatible as Incompatible,
        };
        let (time, not_after) = (UnixTime::now(), UnixTime::now());
        for (error, why) in [
            (NoCertificatesPresented, "it presented no certificate"),
            (Unreadable(InvalidMessage::InvalidContentType), "it does not speak TLS on this port"),
            (
                Incompatible(PeerIncompatible::NoCipherSuitesInCommon),
                "it offers no TLS version or cipher that is accepted here",
            ),
            (AlertReceived(AlertDescription::HandshakeFailure), "it refused the handshake"),
            (General("private".to_owned()), "the handshake failed"),
            (InvalidCertificate(CertificateError::Expired), "its certificate has expired"),
            (
                InvalidCertificate(CertificateError::ExpiredContext { time, not_after }),
                "its certificate has expired",
            ),
            (InvalidCertificate(CertificateError::NotValidYet), "its certificate is not valid yet"),
            (
                InvalidCertificate(CertificateError::UnknownIssuer),
                "its certificate was issued by a CA that is not trusted here",
            ),
            (
                InvalidCertificate(CertificateError::BadSignature),
                "its certificate was issued by a CA that is not trusted here",
            ),
            (InvalidCertificate(CertificateError::NotValidForName), "its certificate is for another name"),
            (InvalidCertificate(CertificateError::Revoked), "its certificate was revoked"),
            (InvalidCertificate(CertificateError::BadEncoding), "its certificate is not acceptable"),
        ] {
            let told = ("tls", format!("TLS with db:1 failed: {why}"));
            assert_eq!(dialling(&io::Error::other(error.clone())), told, "{error:?}");
            // The same, where a driver makes the session.
            let of_session = EgressError::of_session("db:1".to_owned(), Some(&error));
            assert_eq!((of_session.stage(), of_session.to_string()), told, "{error:?}");
        }
    }

    #[test]
    fn a_session_that_ends_says_why() {
        let foreign = "x".parse::<u8>().unwrap_err();
        let io = |kind: ErrorKind| io::Error::from(kind);
        let (data, input) = (io(ErrorKind::InvalidData), io(ErrorKind::InvalidInput));
        let reset = io(ErrorKind::ConnectionReset);
        for (error, why) in [
            (None, "the connection broke"),
            (Some(&reset as Cause<'_>), "the connection broke"),
            (Some(&data), "what it sent can't be read"),
            (Some(&input), "what it sent can't be read"),
            (Some(&foreign), "it does not speak the protocol that was expected"),
        ] {
            let told = EgressError::of_session("db:1".to_owned(), error);
            assert_eq!(told.to_string(), format!("the answer of db:1 is unusable: {why}"), "{error:?}");
        }
    }

    #[test]
    fn a_session_that_stood_and_failed_says_whether_it_lacked_a_certificate_of_ours() {
        use rustls::Error::AlertReceived;
        for (alert, why) in [
            (AlertDescription::CertificateRequired, "it asks for a client certificate"),
            (AlertDescription::InternalError, "its TLS session failed"),
        ] {
            assert_eq!(ended_reason(&AlertReceived(alert)), why);
        }
    }
}
