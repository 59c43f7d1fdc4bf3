package disk

import (
	"path/filepath"

	"github.com/pidledger/pidledger/ingest/source"
)

// maxText is far above the size of any text that a person writes (a configuration, a query, a notice), in bytes.
const maxText = 4 << 20

// ReadText reads a text that a person wrote.
func ReadText(name string) ([]byte, error) { return source.ReadFile(name, maxText) }

// Absolute is a path that may be relative to a folder.
func Absolute(path, base string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(base, path)
}
