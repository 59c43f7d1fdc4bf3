package ledger

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pidledger/pidledger/ingest/durable"
	"github.com/pidledger/pidledger/queries/engine"
)

// WriteTables writes tables of the connection to Parquet files of the same names in a folder, which it creates.
func (l *Ledger) WriteTables(ctx context.Context, tables []string, folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	for _, t := range tables {
		if _, err := l.DB.Write(ctx, "select * from "+engine.Ident(t), filepath.Join(folder, t+".parquet"), ""); err != nil {
			return l.NameDamage(ctx, fmt.Errorf("write the table %s: %w", t, err))
		}
	}
	return nil
}

// ShowUsage makes a folder hold the usage of the ledger and nothing else: the files of its slices under the names of their folders, as hard links
// on the same disk, else as copies. Files that are already there stay.
func (l *Ledger) ShowUsage(ctx context.Context, folder string) (files int64, err error) {
	held, err := sliceFolders(ctx, l.DB)
	if err != nil {
		return 0, err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return 0, err
	}
	shown := map[string]bool{} // what the folder may hold
	for id, f := range held {
		if f.UsageRows == 0 {
			continue
		}
		names, err := l.Store.FolderFiles(ctx, id)
		if err != nil {
			return files, err
		}
		if err := os.MkdirAll(filepath.Join(folder, id), 0o700); err != nil {
			return files, err
		}
		shown[id] = true
		for _, from := range names {
			rel := filepath.Join(id, filepath.Base(from))
			shown[rel] = true
			if err := show(ctx, from, filepath.Join(folder, rel)); err != nil {
				return files, err
			}
			files++
		}
	}
	return files, sweepShown(folder, shown)
}

// show gives a file another name.
func show(ctx context.Context, from, to string) error {
	is, err := os.Stat(from)
	if err != nil {
		return err
	}
	was, err := os.Stat(to)
	if err == nil && (os.SameFile(was, is) || was.Size() == is.Size() && was.ModTime().Equal(is.ModTime())) {
		return nil
	}
	if err := os.Remove(to); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if os.Link(from, to) == nil {
		return nil
	}
	if _, _, err := durable.Copy(ctx, from, to); err != nil {
		return err
	}
	return os.Chtimes(to, is.ModTime(), is.ModTime())
}

// sweepShown removes the files of slices that the ledger no longer holds.
func sweepShown(folder string, shown map[string]bool) error {
	slices, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, s := range slices {
		if !shown[s.Name()] {
			if err := os.RemoveAll(filepath.Join(folder, s.Name())); err != nil {
				return err
			}
			continue
		}
		files, err := os.ReadDir(filepath.Join(folder, s.Name()))
		if err != nil {
			return err
		}
		for _, f := range files {
			if rel := filepath.Join(s.Name(), f.Name()); !shown[rel] {
				if err := os.Remove(filepath.Join(folder, rel)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
