// Package source opens input files and cuts them into records; it knows bytes, not meanings.
//
// Data flow:
//
//	Open      magic bytes, gunzip, UTF-16 and BOM        -> *File: Kind, Head, Reader (UTF-8 text)
//	NewCSV    header, delimiter, blocks of whole records -> *Block, split into fields by Block.Each
//	NewJSON   wrappers entered, elements, damaged lines  -> Value one by one, or *JSONBlock
//	NewLines  text mode                                  -> Line
//
// Producing a block is cheap (a search for record boundaries) and happens in file order; a block owns its
// memory, so blocks can be parsed on other goroutines and given back with Release. Nothing here loads a
// file whole: memory is a few blocks, and one record may be as large as MaxRecord.
//
// Rows that cannot be used are a Reject, made by the packages that know what a row means. Errors of this
// package say that bytes cannot be cut into records: a truncated gzip (*GzipError), a file that ends inside
// quotes (*QuoteError), damaged JSON (*DamagedError), a record of unreasonable size (*TooLongError).
package source
