//! The evtx crate behind plain functions for WebAssembly: one chunk of a log file in, its records as event XML out.
//!
//! The host asks for room with `reserve`, writes the 64 KiB of a chunk there, and calls `read_chunk`. The answer lies at `output` and is a row of
//! frames, little-endian: kind (1 byte: 1 a record, 0 a record that cannot be read), record number (8 bytes), length (4 bytes), and so many bytes
//! of UTF-8: the XML, or what is wrong. Memory is the host's to throw away: after a trap the instance is not to be used again.

use std::cell::RefCell;
use std::sync::Arc;

use evtx::{EvtxChunkData, ParserSettings};

const RECORD: u8 = 1;
const FAULT: u8 = 0;
/// `read_chunk` could not read the chunk at all; the answer holds the reason.
const BAD_CHUNK: i32 = -1;

thread_local! {
    static INPUT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    static OUTPUT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Room for a chunk of `length` bytes.
#[unsafe(no_mangle)]
pub extern "C" fn reserve(length: usize) -> *mut u8 {
    INPUT.with_borrow_mut(|input| {
        input.clear();
        input.resize(length, 0);
        input.as_mut_ptr()
    })
}

/// Where the last answer lies.
#[unsafe(no_mangle)]
pub extern "C" fn output() -> *const u8 {
    OUTPUT.with_borrow(|output| output.as_ptr())
}

/// Reads the chunk written before; gives the answer's length, or `BAD_CHUNK` minus the length of the reason.
#[unsafe(no_mangle)]
pub extern "C" fn read_chunk() -> i32 {
    let chunk = INPUT.with_borrow_mut(std::mem::take);
    OUTPUT.with_borrow_mut(|output| {
        output.clear();
        match frames(chunk, output) {
            Ok(()) => output.len() as i32,
            Err(reason) => {
                output.clear();
                output.extend_from_slice(reason.as_bytes());
                BAD_CHUNK - output.len() as i32
            }
        }
    })
}

fn frames(bytes: Vec<u8>, output: &mut Vec<u8>) -> Result<(), String> {
    // Checksums are not looked at: a log that was not closed cleanly has wrong ones, and what can be read of it is wanted.
    // Remains of records that the log itself has given up are left where they are: they may be half of one event and half of another.
    let settings = ParserSettings::new().indent(false).validate_checksums(false).recover_records(false);
    let mut data = EvtxChunkData::new(bytes, false).map_err(|error| error.to_string())?;
    let mut chunk = data.parse(Arc::new(settings)).map_err(|error| error.to_string())?;
    for record in chunk.iter() {
        match record {
            Err(error) => frame(output, FAULT, 0, error.to_string().as_bytes()),
            Ok(record) => {
                let number = record.event_record_id;
                match record.into_xml() {
                    Ok(xml) => frame(output, RECORD, number, xml.data.as_bytes()),
                    Err(error) => frame(output, FAULT, number, error.to_string().as_bytes()),
                }
            }
        }
    }
    Ok(())
}

fn frame(output: &mut Vec<u8>, kind: u8, number: u64, bytes: &[u8]) {
    output.push(kind);
    output.extend_from_slice(&number.to_le_bytes());
    output.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
    output.extend_from_slice(bytes);
}

/// Seeds of hash tables: there is no source of chance here, and none is needed for tables that hold what one chunk of 64 KiB can hold.
#[unsafe(no_mangle)]
unsafe extern "Rust" fn __getrandom_v03_custom(room: *mut u8, length: usize) -> Result<(), getrandom::Error> {
    // SAFETY: getrandom hands over writable memory of this length.
    unsafe { std::ptr::write_bytes(room, 0x46, length) };
    Ok(())
}
