//! A server that lies about sizes: its word alone must not end the process that others share. It speaks just enough
//! of the protocol to be asked what it is.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use connectors::ConnectorError;
use egress::EgressError;

use crate::setup::{Setup, Stopped};

const SUPPORTED: u8 = 6;
const READY: u8 = 2;
const RESULT: u8 = 8;

/// What it lies about.
#[derive(Clone, Copy)]
enum Lie {
    FrameLength,
    Columns,
    Nesting,
    NestingInText,
}

fn frame(stream: [u8; 2], opcode: u8, length: u32, body: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x84, 0, stream[0], stream[1], opcode];
    frame.extend(length.to_be_bytes());
    frame.extend(body);
    frame
}

/// A statement as prepared, with one column whose type is this; or with as many as a number can say.
fn prepared(columns: i32, kind: &[u8]) -> Vec<u8> {
    let mut body =
        [&4_i32.to_be_bytes()[..], &[0, 1, 7], &1_i32.to_be_bytes(), &columns.to_be_bytes()].concat();
    body.extend(0_i32.to_be_bytes());
    // Keyspace, table and column, of one letter each.
    body.extend([0, 1, b'k', 0, 1, b't', 0, 1, b'c']);
    body.extend(kind);
    body
}

fn answer(lie: Lie) -> Vec<u8> {
    match lie {
        Lie::Columns | Lie::FrameLength => prepared(i32::MAX, &[]),
        Lie::Nesting => prepared(1, &[[0, 0x20].repeat(500_000), vec![0, 9]].concat()),
        Lie::NestingInText => {
            let text = format!("org.apache.cassandra.db.marshal.{}", "ListType(".repeat(7_000));
            let length = u16::try_from(text.len()).unwrap().to_be_bytes();
            prepared(1, &[&[0, 0], &length[..], text.as_bytes()].concat())
        }
    }
}

fn speak(mut socket: TcpStream, lie: Lie) -> std::io::Result<()> {
    loop {
        let mut header = [0; 9];
        socket.read_exact(&mut header)?;
        let length = u32::from_be_bytes([header[5], header[6], header[7], header[8]]);
        socket.read_exact(&mut vec![0; length.try_into().unwrap()])?;
        let stream = [header[2], header[3]];
        let whole = |opcode, body: &[u8]| frame(stream, opcode, body.len().try_into().unwrap(), body);
        socket.write_all(&match (header[4], lie) {
            (5, Lie::FrameLength) => frame(stream, SUPPORTED, u32::MAX, &[]),
            (5, _) => whole(SUPPORTED, &[0, 0]),
            (1 | 0x0b, _) => whole(READY, &[]),
            _ => whole(RESULT, &answer(lie)),
        })?;
    }
}

fn lying(lie: Lie) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for socket in listener.incoming().flatten() {
            std::thread::spawn(move || speak(socket, lie));
        }
    });
    port
}

#[tokio::test]
async fn a_server_that_lies_about_sizes_costs_its_own_call_and_nothing_else() {
    for lie in [Lie::FrameLength, Lie::Columns, Lie::Nesting, Lie::NestingInText] {
        let error = Setup::plain(lying(lie), "k").db().query("SELECT a FROM t").await.unwrap_err();
        let unreadable = matches!(
            error,
            Stopped::Failed(ConnectorError::Upstream(_) | ConnectorError::Egress(EgressError::Broken { .. }))
        );
        assert!(unreadable, "{error:?}");
    }
}
