package config

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/pidledger/pidledger/cmd/disk"
	"github.com/pidledger/pidledger/ingest/blob"
)

// sourcePath makes the path of a source absolute; of a location in Blob Storage, which has many spellings, the one that is kept.
func sourcePath(text, base string) (string, error) {
	if text == "" {
		return "", errors.New("the path of a source is empty")
	}
	if blob.IsLocation(text) {
		at, err := blob.Parse(text)
		if err != nil {
			return "", fmt.Errorf("source %w", err)
		}
		return at.String(), nil
	}
	if shown, _, _ := strings.Cut(text, "?"); strings.Contains(shown, "://") { // what follows a question mark may be a key
		return "", fmt.Errorf("the source %s is not a path of a file, folder or glob pattern, nor a location in Blob Storage (az://account/container/folder)", shown)
	}
	return filepath.Clean(disk.Absolute(text, base)), nil
}
