package ingest

import (
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/pidledger/pidledger/ingest/source"
)

// open opens a listed file. The error is a *source.ChangedError when it is not as it was listed: an export that is being copied, or a
// folder that is being tidied up, while the run goes on.
func (s *session) open(f found) (*source.File, error) {
	file, err := source.Open(f.Path, source.Limits{})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &source.ChangedError{How: "it was deleted"}
	}
	if err != nil {
		return nil, err
	}
	if err := file.CheckListed(f.Size, f.Modified); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// unchanged is asked after a file was read. A file that changed meanwhile is not read as a whole, whatever reading it gave.
func unchanged(file *source.File, err error) error {
	if isInternal(err) {
		return err
	}
	if changed := file.CheckUnchanged(); changed != nil {
		return changed
	}
	return err
}

func isChanged(err error) bool {
	var changed *source.ChangedError
	return errors.As(err, &changed)
}

// maxManifest is far above what a manifest of a year of parts takes, in bytes of text.
const maxManifest = 16 << 20

// readManifest reads a listed file that is named like a manifest.
func (s *session) readManifest(f found) ([]byte, error) {
	file, err := s.open(f)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file.Reader(), maxManifest+1))
	if len(data) > maxManifest {
		data, err = nil, fmt.Errorf("it is longer than %d MB, which no manifest is: have the export run again, or copy its files once more", maxManifest>>20)
	}
	if err == nil {
		err = source.CheckValues(data)
	}
	return data, unchanged(file, err)
}
