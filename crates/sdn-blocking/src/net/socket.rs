//! A TCP connection with a deadline for reads and writes. It records whether any byte was written.

use std::error::Error;
use std::fmt;
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// The time that a write may stall before its caller checks whether the server has responded.
const STALL: Duration = Duration::from_millis(100);
/// This close to the deadline, the system's timeout is set exactly, with a system call for each
/// read.
const EXACT: Duration = Duration::from_millis(50);
/// The maximum number of bytes that are read after the deadline, if they have already arrived.
const MAX_LATE_BYTES: usize = 4 << 20;

pub(super) struct Socket {
    tcp: TcpStream,
    deadline: Instant,
    /// The system's current timeout; zero means not set.
    read_timeout: Duration,
    write_timeout: Duration,
    late_bytes: usize,
    has_written: bool,
}

/// The cause of the error if the deadline ended a read or write.
#[derive(Debug)]
struct Late;

impl Socket {
    pub(super) fn new(tcp: TcpStream, deadline: Instant) -> Self {
        let (read_timeout, write_timeout) = (Duration::ZERO, Duration::ZERO);
        Self { tcp, deadline, read_timeout, write_timeout, late_bytes: 0, has_written: false }
    }

    /// Begins an exchange: no byte is written yet, and bytes that have already arrived can be read
    /// after the deadline.
    pub(super) fn start(&mut self, deadline: Instant) {
        self.deadline = deadline;
        self.late_bytes = MAX_LATE_BYTES;
        self.has_written = false;
    }

    /// Returns whether any byte was written since the exchange began.
    pub(super) fn has_written(&self) -> bool {
        self.has_written
    }

    /// Runs an operation on the connection without waiting.
    pub(super) fn at_once<T>(
        &self,
        run: impl FnOnce(&TcpStream) -> io::Result<T>,
    ) -> io::Result<T> {
        self.tcp.set_nonblocking(true)?;
        let result = run(&self.tcp);
        self.tcp.set_nonblocking(false)?;
        result
    }

    fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    fn read_late(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let room = buffer.len().min(self.late_bytes);
        if room == 0 {
            return Err(late());
        }
        match self.at_once(|mut tcp| tcp.read(&mut buffer[..room])) {
            Ok(count) => {
                self.late_bytes -= count;
                Ok(count)
            }
            Err(error) if has_waited(&error) => Err(late()),
            Err(error) => Err(error),
        }
    }
}

impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let left = self.left();
            if left.is_zero() {
                return self.read_late(buffer);
            }
            // Keeps the current timeout unless it is too long. If it is shorter than the time left,
            // the loop waits again.
            if self.read_timeout > left || self.read_timeout <= left / 2 {
                let timeout = if left > EXACT { left * 3 / 4 } else { left };
                self.tcp.set_read_timeout(Some(timeout))?;
                self.read_timeout = timeout;
            }
            match self.tcp.read(buffer) {
                Err(error) if has_waited(&error) => {}
                result => return result,
            }
        }
    }
}

/// A write that stalls for a moment fails with [`ErrorKind::WouldBlock`].
impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let left = self.left();
        if left.is_zero() {
            return Err(late());
        }
        let timeout = left.min(STALL);
        if self.write_timeout != timeout {
            self.tcp.set_write_timeout(Some(timeout))?;
            self.write_timeout = timeout;
        }
        match self.tcp.write(bytes) {
            Ok(count) => {
                self.has_written |= count > 0;
                Ok(count)
            }
            Err(error) if has_waited(&error) => Err(ErrorKind::WouldBlock.into()),
            Err(error) => Err(error),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Returns whether the system's timeout has passed, or a signal arrived. Except on Windows, "timed
/// out" means that the other side no longer acknowledges.
fn has_waited(error: &io::Error) -> bool {
    match error.kind() {
        ErrorKind::WouldBlock | ErrorKind::Interrupted => true,
        ErrorKind::TimedOut => cfg!(windows),
        _ => false,
    }
}

pub(super) fn late() -> io::Error {
    io::Error::new(ErrorKind::TimedOut, Late)
}

/// Returns whether the deadline, not the network, ended a read or write.
pub(crate) fn is_late(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|cause| cause.is::<Late>())
}

impl fmt::Display for Late {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the time is over")
    }
}

impl Error for Late {}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    fn pair(left: Duration) -> (Socket, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let tcp = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let mut socket = Socket::new(tcp, Instant::now());
        socket.start(Instant::now() + left);
        (socket, listener.accept().unwrap().0)
    }

    #[test]
    fn read_ends_at_deadline() {
        for left in [Duration::from_millis(20), Duration::from_millis(200)] {
            let start = Instant::now();
            let (mut socket, _other) = pair(left);
            assert!(is_late(&socket.read(&mut [0]).unwrap_err()));
            assert!(start.elapsed() >= left, "{:?}", start.elapsed());
        }
    }

    #[test]
    fn trickled_reads_end_at_deadline() {
        let left = Duration::from_millis(200);
        let (mut socket, mut other) = pair(left);
        let start = Instant::now();
        std::thread::spawn(move || {
            while other.write_all(b"x").is_ok() {
                std::thread::sleep(Duration::from_millis(5));
            }
        });
        let error = loop {
            if let Err(error) = socket.read(&mut [0; 10]) {
                break error;
            }
        };
        assert!(is_late(&error), "{error:?}");
        assert!(start.elapsed() >= left, "{:?}", start.elapsed());
    }

    #[test]
    fn arrived_bytes_are_read_late() {
        let (mut socket, mut other) = pair(Duration::ZERO);
        other.write_all(b"there").unwrap();
        while socket.tcp.peek(&mut [0; 5]).unwrap() < 5 {}
        let mut buffer = [0; 10];
        assert_eq!(socket.read(&mut buffer).unwrap(), 5);
        assert!(is_late(&socket.read(&mut buffer).unwrap_err()));
        assert!(is_late(&socket.write(b"late").unwrap_err()));
        assert!(!socket.has_written());
    }

    #[test]
    fn late_bytes_are_limited() {
        let (mut socket, mut other) = pair(Duration::ZERO);
        std::thread::spawn(move || while other.write_all(&[0; 64 * 1024]).is_ok() {});
        let (mut buffer, mut count) = (vec![0; 1 << 20], 0);
        loop {
            match socket.read(&mut buffer) {
                Ok(read) => count += read,
                Err(error) => break assert!(is_late(&error), "{error:?}"),
            }
        }
        assert!(count <= MAX_LATE_BYTES, "{count}");
    }

    #[test]
    fn stalled_write_would_block() {
        let (mut socket, _other) = pair(Duration::from_secs(60));
        let bytes = vec![0; 1 << 20];
        let error = loop {
            if let Err(error) = socket.write(&bytes) {
                break error;
            }
        };
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
        assert!(socket.has_written());
        socket.start(Instant::now() + Duration::from_secs(60));
        assert!(!socket.has_written());
        assert_eq!(socket.write(&bytes).unwrap_err().kind(), ErrorKind::WouldBlock);
        assert!(!socket.has_written(), "nothing fitted in");
    }
}
