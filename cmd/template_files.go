package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pidledger/pidledger/ingest/template"
)

// maxTemplate bounds what is read of one file: packages may be large, and anything beyond is neither package nor template.
const maxTemplate = 200 << 20

// templateFiles reads what template check is to check: the files that are named, and of folders what looks like a template, a package or a
// source. unread are files that cannot be read; err is ctx.Err() or a path that is not there.
func templateFiles(ctx context.Context, args []string) (files []template.File, unread []error, err error) {
	seen := map[string]bool{}
	add := func(path string, named bool) {
		name := shownPath(path)
		if seen[name] || !named && !candidate(name) {
			return
		}
		data, err := readTemplate(path)
		switch {
		case err != nil:
			unread = append(unread, err)
		case named || worthChecking(name, data):
			files = append(files, template.File{Name: name, Data: data})
		default:
			return
		}
		seen[name] = true
	}
	for _, arg := range args {
		info, err := os.Stat(arg)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil, nil, usagef("correct the path", "%v", err)
		case err != nil:
			unread = append(unread, err)
			continue
		case !info.IsDir():
			add(arg, true)
			continue
		}
		err = filepath.WalkDir(arg, func(path string, d fs.DirEntry, err error) error {
			switch {
			case ctx.Err() != nil:
				return ctx.Err()
			case err != nil:
				unread = append(unread, err)
			case d.IsDir() && path != arg && (strings.HasPrefix(d.Name(), ".") && d.Name() != ".github" || d.Name() == "node_modules"):
				return fs.SkipDir // what tools keep, not what is shipped; pipelines of GitHub may set a User-Agent
			case d.Type().IsRegular():
				add(path, false)
			}
			return nil
		})
		if err != nil {
			return nil, nil, err
		}
	}
	return files, unread, nil
}

// shownPath is a path relative to the current folder with slashes, as code scanning wants it; a path outside stays as it is.
func shownPath(path string) string {
	if cwd, err := os.Getwd(); err == nil && filepath.IsAbs(path) {
		if rel, err := filepath.Rel(cwd, path); err == nil && filepath.IsLocal(rel) {
			path = rel
		}
	}
	return filepath.ToSlash(filepath.Clean(path))
}

func readTemplate(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxTemplate {
		return nil, fmt.Errorf("%s: %w (%d bytes)", path, template.ErrTooLarge, info.Size())
	}
	return os.ReadFile(path)
}

// candidate tells by the name whether a file of a folder can be a template, a package or a source.
func candidate(name string) bool {
	return template.IsSource(name) || slices.Contains([]string{".json", ".jsonc", ".zip"}, strings.ToLower(filepath.Ext(name)))
}

// worthChecking tells whether a file of a folder is a template, or a package with one: folders have much other JSON.
func worthChecking(name string, data []byte) bool {
	if template.IsSource(name) {
		return true
	}
	if bytes.HasPrefix(data, []byte("PK")) {
		pack, err := template.OpenPackage(data, template.Limits{})
		if err != nil {
			return true // what is wrong with it is for the check to say
		}
		_, err = pack.Main()
		return !errors.Is(err, template.ErrNoMain)
	}
	return bytes.Contains(bytes.ToLower(data), []byte("deploymenttemplate.json"))
}

// linkedFiles opens the current folder for the templates that others link to. Nothing outside it is read. Without it links are not followed.
func linkedFiles() (files fs.FS, done func()) {
	root, err := os.OpenRoot(".")
	if err != nil {
		return nil, func() {}
	}
	return root.FS(), func() { _ = root.Close() }
}
