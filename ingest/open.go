package ingest

import (
	"errors"
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

// readAll reads a small listed file.
func (s *session) readAll(f found) ([]byte, error) {
	file, err := s.open(f)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(file.Reader())
	return data, unchanged(file, err)
}
