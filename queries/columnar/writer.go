package columnar

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"

	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/compress"
	"github.com/apache/arrow/go/v15/parquet/metadata"
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
)

// Compression of the pages.
type Compression int

// The package comment has figures for both.
const (
	Zstd Compression = iota // level 1
	Snappy
)

// Options of a Parquet file; the zero value is the default.
type Options struct {
	Compression Compression
	RowGroup    int  // rows in a row group, default 122,880 (DuckDB's own)
	Sync        bool // Close waits until the file is on the disk
}

const (
	defaultRowGroup = 122_880
	// A row group ends early when its values take this much memory.
	maxGroupBytes = 128 << 20
	magic         = "PAR1"
)

// Writer writes one Parquet file, row group by row group. It is not safe for concurrent use, but it encodes the columns of a row group
// on all processors. The same batches in the same order make the same file, byte for byte.
type Writer struct {
	path    string
	opts    Options
	file    *os.File
	out     *bufio.Writer
	offset  int64
	meta    *metadata.FileMetaDataBuilder
	group   *group
	groups  int
	rows    int64 // in finished row groups
	pending int   // rows in chunks
	*workspace
	err    error
	closed bool
}

// Create makes the file, with mode 0600, or replaces it.
func Create(path string, s Schema, o Options) (*Writer, error) {
	ps, err := s.parquet()
	if err != nil {
		return nil, fmt.Errorf("create %s: %w", path, err)
	}
	if o.RowGroup <= 0 {
		o.RowGroup = defaultRowGroup
	}
	codec, squeeze := compress.Codecs.Zstd, zstdPage
	if o.Compression == Snappy {
		codec, squeeze = compress.Codecs.Snappy, snappyPage
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	if err := f.Chmod(0o600); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	w := &Writer{
		path: path, opts: o, group: new(group), file: f, out: bufio.NewWriterSize(f, 1<<18),
		workspace: takeWorkspace(s, squeeze),
	}
	props := parquet.NewWriterProperties(
		parquet.WithVersion(parquet.V2_LATEST),
		parquet.WithCompression(codec),
		parquet.WithCreatedBy("pidledger"),
	)
	w.meta = metadata.NewFileMetadataBuilder(ps, props, nil)
	w.put([]byte(magic))
	return w, nil
}

// Rows returns the number of rows written so far.
func (w *Writer) Rows() int64 { return w.rows + int64(w.pending) }

// Write adds the complete rows of b, which stays as it is: Reset it before filling it again. An error is final; it names the file.
func (w *Writer) Write(b *Batch) error {
	switch {
	case w.err != nil:
		return w.err
	case w.closed:
		return fmt.Errorf("write %s: the file is closed", w.path)
	case b.err != nil:
		return w.fail(b.err)
	case len(b.cols) != len(w.chunks):
		return w.fail(fmt.Errorf("the batch has %d columns, the file %d", len(b.cols), len(w.chunks)))
	}
	elems := make([]int, 0, 8)
	for i := range b.cols {
		c := &b.cols[i]
		if c.typ != w.chunks[i].typ {
			return w.fail(fmt.Errorf("column %s of the batch is of type %v, not %v", b.schema[i].Name, c.typ, w.chunks[i].typ))
		}
		if len(c.codes) > b.rows {
			return w.fail(fmt.Errorf("column %s has values after the last complete row; call EndRow or DropRow first", b.schema[i].Name))
		}
		c.translate(w.group)
		if c.typ == StringList {
			elems = append(elems, 0)
		}
	}
	for lo := 0; lo < b.rows; {
		hi := min(b.rows, lo+w.opts.RowGroup-w.pending)
		list, size := 0, 0
		for i := range b.cols {
			k := &w.chunks[i]
			if k.typ == StringList {
				elems[list] = k.add(&b.cols[i], lo, hi, elems[list])
				list++
			} else {
				k.add(&b.cols[i], lo, hi, 0)
			}
			size += k.bytes()
		}
		w.pending += hi - lo
		lo = hi
		if w.pending >= w.opts.RowGroup || size >= maxGroupBytes {
			if err := w.finishGroup(); err != nil {
				return err
			}
			for i := range b.cols {
				b.cols[i].translate(w.group)
			}
		}
	}
	return nil
}

// finishGroup encodes the columns in parallel and writes them in order.
func (w *Writer) finishGroup() error {
	if w.pending == 0 {
		return nil
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for i := range w.workers {
		wg.Go(func() {
			for c := int(next.Add(1)) - 1; c < len(w.chunks); c = int(next.Add(1)) - 1 {
				w.workers[i].encode(&w.chunks[c], &w.encoded[c])
				w.chunks[c].reset()
			}
		})
	}
	wg.Wait()
	meta := w.meta.AppendRowGroup()
	var total int64
	for i := range w.encoded {
		e := &w.encoded[i]
		col := meta.NextColumnChunk()
		if w.schema[i].Type != StringList {
			col.SetStats(e.stats)
		}
		info := metadata.ChunkMetaInfo{
			NumValues: e.values, IndexPageOffset: -1, DataPageOffset: w.offset + int64(e.dataAt),
			CompressedSize: int64(len(e.buf)), UncompressedSize: e.uncompressed,
		}
		if e.hasDict {
			info.DictPageOffset = w.offset
		}
		if err := col.Finish(info, e.hasDict, false, metadata.EncodingStats{}, nil); err != nil {
			return w.fail(err)
		}
		w.put(e.buf)
		total += e.uncompressed
	}
	meta.SetNumRows(w.pending)
	if err := meta.Finish(total, int16(w.groups)); err != nil {
		return w.fail(err)
	}
	w.groups++
	w.rows += int64(w.pending)
	w.pending = 0
	w.group = new(group)
	return w.err
}

func (w *Writer) put(b []byte) {
	if w.err != nil {
		return
	}
	n, err := w.out.Write(b)
	w.offset += int64(n)
	if err != nil {
		w.fail(err)
	}
}

func (w *Writer) fail(err error) error {
	if w.err == nil {
		w.err = fmt.Errorf("write %s: %w", w.path, err)
	}
	return w.err
}

// Close writes the last row group and the footer. After an error the file is of no use: call Abort. A second Close does nothing.
func (w *Writer) Close() error {
	if w.closed {
		return w.err
	}
	if w.err == nil && w.finishGroup() == nil {
		w.footer()
	}
	if w.err == nil {
		if err := w.out.Flush(); err != nil {
			w.fail(err)
		}
	}
	if w.err == nil && w.opts.Sync {
		if err := w.file.Sync(); err != nil {
			w.fail(err)
		}
	}
	w.closed = true
	if err := w.file.Close(); err != nil {
		w.fail(err)
	}
	w.release()
	return w.err
}

func (w *Writer) footer() {
	fm, err := w.meta.Finish()
	if err != nil {
		w.fail(err)
		return
	}
	n, err := fm.WriteTo(w.out, nil)
	if err != nil {
		w.fail(err)
		return
	}
	w.put(append(binary.LittleEndian.AppendUint32(nil, uint32(n)), magic...))
}

// Abort closes and removes the file, also after Close.
func (w *Writer) Abort() error {
	var err error
	if !w.closed {
		w.closed = true
		err = w.file.Close()
		w.release()
	}
	if w.err == nil {
		w.err = fmt.Errorf("write %s: aborted", w.path)
	}
	if rm := os.Remove(w.path); rm != nil && !errors.Is(rm, os.ErrNotExist) {
		err = errors.Join(err, rm)
	}
	return err
}

// One encoder for all files: it is safe for concurrent use and expensive to make.
var zstdEncoder = sync.OnceValue(func() *zstd.Encoder {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderCRC(false), zstd.WithZeroFrames(true))
	if err != nil {
		panic(err) // the options are wrong, which any test finds
	}
	return e
})

func zstdPage(dst, src []byte) []byte { return zstdEncoder().EncodeAll(src, dst) }

func snappyPage(dst, src []byte) []byte { return s2.EncodeSnappy(dst[:cap(dst)], src) }
