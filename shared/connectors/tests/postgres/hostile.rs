//! Servers that mean harm: whoever owns a connector also chooses what answers it.

use connectors::{ConnectorError, Rows};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::setup::{Setup, asked, soon};

fn message(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap();
    [&[tag], &length.to_be_bytes()[..], body].concat()
}

/// One column of a type, in the text or binary form.
fn column(name: &str, oid: u32) -> Vec<u8> {
    let mut bytes = [name.as_bytes(), &[0; 7]].concat();
    bytes.extend(oid.to_be_bytes());
    bytes.extend([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 1]);
    bytes
}

fn columns(columns: &[(&str, u32)]) -> Vec<u8> {
    let count = u16::try_from(columns.len()).unwrap().to_be_bytes().to_vec();
    message(b'T', &columns.iter().fold(count, |all, (name, oid)| [all, column(name, *oid)].concat()))
}

fn row(values: &[Option<&[u8]>]) -> Vec<u8> {
    let mut body = u16::try_from(values.len()).unwrap().to_be_bytes().to_vec();
    for value in values {
        let length = value.map_or(-1, |value| i32::try_from(value.len()).unwrap());
        body.extend(length.to_be_bytes());
        body.extend(value.unwrap_or_default());
    }
    message(b'D', &body)
}

const READY: &[u8] = &[b'Z', 0, 0, 0, 5, b'I'];

/// Takes a login and a transaction, and answers what comes with `answer`: by the tags of the messages up to a Sync.
async fn serve(mut stream: TcpStream, answer: fn(&str, usize) -> Vec<u8>) -> std::io::Result<()> {
    let length = stream.read_u32().await?;
    let mut startup = vec![0; usize::try_from(length).unwrap() - 4];
    stream.read_exact(&mut startup).await?;
    stream.write_all(&[&message(b'R', &[0; 4])[..], READY].concat()).await?;
    let (mut tags, mut nth) = (String::new(), 0);
    loop {
        let tag = stream.read_u8().await?;
        let mut body = vec![0; usize::try_from(stream.read_u32().await?).unwrap() - 4];
        stream.read_exact(&mut body).await?;
        tags.push(char::from(tag));
        let said = match tag {
            b'Q' => [message(b'C', b"BEGIN\0"), READY.to_vec()].concat(),
            b'S' => {
                nth += 1;
                [answer(&tags, nth), READY.to_vec()].concat()
            }
            _ => continue,
        };
        tags.clear();
        stream.write_all(&said).await?;
    }
}

async fn query(answer: fn(&str, usize) -> Vec<u8>) -> Result<Rows, ConnectorError> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, answer));
        }
    });
    let connector = Setup::plain(port, "any").connector().unwrap();
    let none = model::parameters::Parameters::default();
    connector.query(asked("SELECT 1", &none, None), soon()).await
}

/// Each type is a domain over the next, without end.
fn endless(tags: &str, nth: usize) -> Vec<u8> {
    let parsed = message(b'1', &[]);
    match (tags, nth) {
        ("PDS", 1) => [parsed, message(b't', &[0, 0]), columns(&[("a", 90_000)])].concat(),
        ("PDS", _) => {
            let info = [("a", 19), ("b", 18), ("c", 26), ("d", 26), ("e", 26), ("f", 19), ("g", 26)];
            [parsed, message(b't', &[0, 1, 0, 0, 0, 26]), columns(&info)].concat()
        }
        _ => {
            let base = u32::try_from(90_000 + nth).unwrap().to_be_bytes();
            let zero: Option<&[u8]> = Some(&[0; 4]);
            let values = [Some(&b"x"[..]), Some(b"d"), zero, None, Some(&base), Some(b"y"), zero];
            [message(b'2', &[]), row(&values), message(b'C', b"SELECT 1\0")].concat()
        }
    }
}

#[tokio::test]
async fn types_within_types_without_end_are_an_error() {
    let error = query(endless).await.unwrap_err();
    assert!(matches!(error, ConnectorError::Egress(_) | ConnectorError::Upstream(_)), "{error:?}");
}

/// A list of lists of lists, as a column of numbers gives it.
fn deep(tags: &str, _: usize) -> Vec<u8> {
    const NUMBERS: u32 = 1231;
    let nested = ["[".repeat(50_000), "]".repeat(50_000)].concat();
    if tags == "PDS" {
        return [message(b'1', &[]), message(b't', &[0, 0]), columns(&[("a", NUMBERS)])].concat();
    }
    let about = [message(b'1', &[]), message(b'2', &[]), message(b't', &[0, 0])].concat();
    let columns = columns(&[("a", 16), ("b", 20), ("c", 25)]);
    let values = row(&[Some(&[1]), None, Some(nested.as_bytes())]);
    [about, columns, values, message(b'C', b"SELECT 1\0")].concat()
}

#[tokio::test]
async fn values_nested_without_end_are_an_error() {
    let error = query(deep).await.unwrap_err();
    assert_eq!(error, ConnectorError::Upstream("a value of the answer is unreadable".into()));
}

/// A message of two gigabytes, so it says.
fn huge(_: &str, _: usize) -> Vec<u8> {
    [&b"1"[..], &0x7fff_fff0_u32.to_be_bytes()[..]].concat()
}

#[tokio::test]
async fn a_message_that_claims_to_be_huge_is_not_waited_for() {
    let error = query(huge).await.unwrap_err();
    assert!(matches!(error, ConnectorError::Egress(_)), "{error:?}");
}
