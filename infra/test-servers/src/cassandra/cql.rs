//! As much of Cassandra's protocol (version 4) as it takes to log in and run statements: tests set their servers up
//! with it, past the connector and its driver.

use std::{
    io::{Read, Write},
    net::TcpStream,
    thread,
    time::Duration,
};

const STARTUP: u8 = 0x01;
const QUERY: u8 = 0x07;
const AUTH_RESPONSE: u8 = 0x0f;
const ERROR: u8 = 0x00;
const AUTH_SUCCESS: u8 = 0x10;

/// Schema changes take their time on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// A session.
pub struct Cql(TcpStream);

impl Cql {
    /// Logs in; where that fails, why.
    pub fn connect(address: &str, port: u16, user: &str, password: &str) -> Result<Self, String> {
        #[expect(clippy::disallowed_methods, reason = "the server's own port, on loopback")]
        let stream = TcpStream::connect((address, port)).map_err(|error| error.to_string())?;
        stream.set_read_timeout(Some(PATIENCE)).map_err(|error| error.to_string())?;
        let mut session = Self(stream);
        let mut startup = 1_u16.to_be_bytes().to_vec();
        for text in ["CQL_VERSION", "3.0.0"] {
            startup.extend(u16::try_from(text.len()).expect("a short text").to_be_bytes());
            startup.extend(text.as_bytes());
        }
        session.ask(STARTUP, &startup)?;
        let token = format!("\0{user}\0{password}");
        match session.ask(AUTH_RESPONSE, &long(token.as_bytes())) {
            Ok((AUTH_SUCCESS, _)) => Ok(session),
            Ok((other, _)) => Err(format!("the login was answered with {other}")),
            Err(why) => Err(format!("the login failed: {why}")),
        }
    }

    /// Runs a statement that must succeed.
    pub fn run(&mut self, statement: &str) {
        if let Err(why) = self.attempt(statement) {
            panic!("{statement}: {why}");
        }
    }

    /// Runs a statement again and again until it succeeds: what one node knows, another learns a little later.
    pub fn eventually(&mut self, statement: &str) {
        for _ in 0..300 {
            if self.attempt(statement).is_ok() {
                return;
            }
            thread::sleep(Duration::from_millis(100));
        }
        self.run(statement);
    }

    /// Runs a statement; where the server refuses it, why.
    pub fn attempt(&mut self, statement: &str) -> Result<(), String> {
        self.answer(statement).map(|_| ())
    }

    /// Runs a statement and gives the body of the answer, as the protocol has it: first what kind of answer it is, in
    /// four bytes.
    pub fn answer(&mut self, statement: &str) -> Result<Vec<u8>, String> {
        let mut body = long(statement.as_bytes());
        // At ONE, nothing else.
        body.extend([0, 1, 0]);
        self.ask(QUERY, &body).map(|(_, answer)| answer)
    }

    fn ask(&mut self, opcode: u8, body: &[u8]) -> Result<(u8, Vec<u8>), String> {
        let io = |error: std::io::Error| error.to_string();
        let mut frame = vec![4, 0, 0, 0, opcode];
        frame.extend(long(body));
        self.0.write_all(&frame).map_err(io)?;
        let mut header = [0; 9];
        self.0.read_exact(&mut header).map_err(io)?;
        let [.., opcode, a, b, c, d] = header;
        let mut answer = vec![0; usize::try_from(u32::from_be_bytes([a, b, c, d])).expect("a length")];
        self.0.read_exact(&mut answer).map_err(io)?;
        if opcode == ERROR {
            // A code of four bytes and a length of two stand before the words.
            return Err(String::from_utf8_lossy(answer.get(6..).unwrap_or_default()).into_owned());
        }
        Ok((opcode, answer))
    }
}

/// Bytes behind their length.
fn long(bytes: &[u8]) -> Vec<u8> {
    let mut all = u32::try_from(bytes.len()).expect("a short text").to_be_bytes().to_vec();
    all.extend(bytes);
    all
}
