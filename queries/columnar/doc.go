// Package columnar collects typed rows column by column and writes them as Parquet. Ingest stages canonical rows with it, report writes
// its Parquet reports with it. It knows nothing of either.
//
// # Data flow
//
//	values -> Batch (one per goroutine: each column is a dictionary and codes)
//	       -> Writer.Write (translates the codes into those of the row group, in the order of the calls)
//	       -> row group full: columns are encoded and compressed in parallel, then written in order
//	       -> Close: the footer
//
// A value is hashed once, in the goroutine that appends it; from there on only codes move. A column that hardly repeats stops being
// looked up. At the end of a row group each column becomes dictionary pages or, where that is smaller, plain pages. The writer holds one
// row group (by default 122,880 rows, or fewer when the values reach 128 MiB) and the pages made from it. The file does not depend on
// timing: the same batches in the same order make the same bytes.
//
// # Why not the arrow library's writers
//
// The schema, the footer and the reader used by the tests come from github.com/apache/arrow/go/v15; the pages are made here. Measured
// in one run on 2 cores with a table shaped like canonical usage (60 columns, 20 of them constant, 12 empty; snappy; batches filled by one
// goroutine, which is part of the figures; the machine was busy, so the ratios count): this package 40 ns per value, pqarrow with array
// builders 163 ns, the typed column chunk writers of parquet/file 421 ns. BenchmarkWriteUsage has the table.
//
// # Compression
//
// 2,000,000 such rows on the same machine when it was nearly idle: zstd level 1 took 3.8 s and 123 MB, snappy 3.5 s and 154 MB. Encoding
// and compression are a fifth of the processor time. So zstd is the default: a fifth less to write, keep and read.
//
// DuckDB 1.4 reads the files with the types that the constants of Type name (150,000 rows of all types were compared cell by cell).
package columnar
