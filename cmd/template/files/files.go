// Package files finds the templates, packages and sources that are to be checked, and those that they refer to.
package files

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pidledger/pidledger/cmd/template"
	languages "github.com/pidledger/pidledger/cmd/template/source"
	"github.com/pidledger/pidledger/ingest/source"
)

// maxTemplate bounds what is read of one file: packages may be large, and anything beyond is neither package nor template.
const maxTemplate = 200 << 20

// Set is what template check is to check.
type Set struct {
	Files   []template.File
	Checked int     // of the files; the others are main templates above them, and sources beside them
	Unread  []error // files that cannot be read
	roots   []*os.Root
}

// Close closes the folders that Open reads from.
func (s *Set) Close() {
	for _, r := range s.roots {
		_ = r.Close()
	}
}

// Collect reads the files that are named, and of folders what looks like a template, a package or a source. The error is ctx.Err() or
// that of a path that is not there (fs.ErrNotExist).
func Collect(ctx context.Context, args []string) (*Set, error) {
	s := &Set{}
	seen := map[string]bool{}
	add := func(path string, named bool) {
		name := Shown(path)
		if seen[name] || !named && !candidate(name) {
			return
		}
		data, err := Read(path)
		switch {
		case err != nil:
			s.Unread = append(s.Unread, err)
		case named || worthChecking(name, data):
			s.Files = append(s.Files, template.File{Name: name, Data: data, At: placeOf(path)})
		default:
			return
		}
		seen[name] = true
	}
	var above, named []string
	for _, arg := range args {
		info, err := os.Stat(arg)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			s.Close()
			return nil, err
		case err != nil:
			s.Unread = append(s.Unread, err)
			continue
		case !info.IsDir():
			add(arg, true)
			named = append(named, arg)
			above = append(above, filepath.Dir(arg))
			s.allow(folderOf(arg))
			continue
		}
		s.allow(arg)
		above = append(above, filepath.Join(arg, ".."))
		err = filepath.WalkDir(arg, func(path string, d fs.DirEntry, err error) error {
			switch {
			case ctx.Err() != nil:
				return ctx.Err()
			case err != nil:
				s.Unread = append(s.Unread, err)
			case d.IsDir() && path != arg && (strings.HasPrefix(d.Name(), ".") && !slices.Contains(settingFolders, d.Name()) || d.Name() == "node_modules"):
				return fs.SkipDir // what tools keep, not what is shipped
			case d.Type().IsRegular():
				add(path, false)
			}
			return nil
		})
		if err != nil {
			s.Close()
			return nil, err
		}
	}
	s.Checked = len(s.Files)
	for _, dir := range above {
		s.mainsAbove(dir, seen)
	}
	for _, file := range named {
		s.sourcesBeside(file, seen)
	}
	return s, nil
}

// settingFolders are hidden folders in which a User-Agent is set: of pipelines, of containers, and of the Azure Developer CLI's environments.
var settingFolders = []string{".github", ".gitlab", ".azuredevops", ".azure-pipelines", ".pipelines", ".circleci", ".devcontainer", ".azure"}

// sourcesBeside adds the sources of a file's folder that share names with it: the locals of Terraform, the constants of a program.
func (s *Set) sourcesBeside(file string, seen map[string]bool) {
	entries, err := os.ReadDir(filepath.Dir(file))
	if err != nil {
		return // the file itself could be read, and is checked alone
	}
	for _, e := range entries {
		path := filepath.Join(filepath.Dir(file), e.Name())
		shown := Shown(path)
		if !e.Type().IsRegular() || seen[shown] || !languages.Related(file, e.Name()) {
			continue
		}
		seen[shown] = true
		data, err := Read(path)
		if err != nil {
			s.Unread = append(s.Unread, err)
			continue
		}
		s.Files = append(s.Files, template.File{Name: shown, Data: data, At: placeOf(path), Beside: true})
	}
}

// mainsAbove adds the main templates of a folder and of those above it, up to that of the repository: one of them may link to what is
// checked, whatever folder the command runs in.
func (s *Set) mainsAbove(dir string, seen map[string]bool) {
	const levels, most = 5, 20 << 20 // bytes: beyond it is not a template
	for range levels {
		dir = filepath.Clean(dir)
		for _, name := range template.MainNames() {
			path := filepath.Join(dir, name)
			shown := Shown(path)
			if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() || info.Size() > most || seen[shown] {
				continue
			}
			seen[shown] = true
			if data, err := Read(path); err == nil {
				s.Files = append(s.Files, template.File{Name: shown, Data: data, At: placeOf(path), Beside: true})
			}
		}
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return
		}
		dir = filepath.Join(dir, "..")
	}
}

// allow lets what is checked refer to the files of a folder.
func (s *Set) allow(dir string) {
	abs, err := filepath.Abs(dir)
	if err != nil || slices.ContainsFunc(s.roots, func(r *os.Root) bool { return r.Name() == abs }) {
		return
	}
	if r, err := os.OpenRoot(abs); err == nil { // without it, links into the folder are not followed
		s.roots = append(s.roots, r)
	}
}

// Open reads a file that a checked one refers to, within the folders that are checked and nowhere else.
func (s *Set) Open(at string) ([]byte, error) {
	for _, r := range s.roots {
		name, err := filepath.Rel(r.Name(), filepath.FromSlash(at))
		if err != nil || !filepath.IsLocal(name) {
			continue
		}
		f, err := r.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		info, err := f.Stat()
		switch {
		case err != nil:
			return nil, err
		case !info.Mode().IsRegular():
			return nil, fmt.Errorf("%s is not a file", at)
		case info.Size() > maxTemplate:
			return nil, fmt.Errorf("%s: %w (%d bytes)", at, template.ErrTooLarge, info.Size())
		}
		return io.ReadAll(f)
	}
	return nil, fmt.Errorf("%s is outside of what is checked", at)
}

// folderOf is the folder that a file is checked in: the current one, or its own when that lies elsewhere.
func folderOf(file string) string {
	if filepath.IsLocal(Shown(file)) {
		return "."
	}
	return filepath.Dir(file)
}

// placeOf is where a file is, whatever the current folder.
func placeOf(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	return filepath.ToSlash(path)
}

// Shown is a path relative to the current folder with slashes, as code scanning wants it; a path outside stays as it is.
func Shown(path string) string {
	if cwd, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(cwd, filepath.FromSlash(placeOf(path))); err == nil && filepath.IsLocal(rel) {
			path = rel
		}
	}
	return filepath.ToSlash(filepath.Clean(path))
}

// Read reads a template or package.
func Read(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxTemplate {
		return nil, fmt.Errorf("%s: %w (%d bytes)", path, template.ErrTooLarge, info.Size())
	}
	return source.ReadFile(path, maxTemplate)
}

// candidate tells by the name whether a file of a folder can be a template, a package or a source.
func candidate(name string) bool {
	return languages.IsSource(name) || slices.Contains([]string{".json", ".jsonc", ".zip"}, strings.ToLower(filepath.Ext(name)))
}

// worthChecking tells whether a file of a folder is a template, or a package with one: folders have much other JSON.
func worthChecking(name string, data []byte) bool {
	if languages.IsSource(name) {
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
	return template.IsTemplate(data)
}

// MainOf returns the main template that links to a file, of those in its folder and above; empty when none does.
func MainOf(file string, data []byte) string {
	s := &Set{}
	defer s.Close()
	name := Shown(file)
	s.allow(folderOf(file))
	s.mainsAbove(filepath.Dir(file), map[string]bool{name: true})
	return template.Linker(template.File{Name: name, Data: data, At: placeOf(file)}, s.Files, template.Options{Open: s.Open})
}
