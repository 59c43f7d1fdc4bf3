package ledger

// What tests put into a ledger's folder, or take out of it, and what they compare.
const (
	DatabaseFile   = databaseFile
	IdentityFile   = identityFile
	PublishedFile  = publishedFile
	ExportLock     = exportLock
	BackupManifest = backupManifest
	ManyFiles      = manyFiles
)

type (
	ManifestOfBackup = manifestOfBackup
	BackupFile       = backupFile
)

var ReadBackup = readBackup

func (f backupFile) Table() string                             { return f.table() }
func (f backupFile) Folder() string                            { return f.folder() }
func (m *manifestOfBackup) Summary(dir, ledger string) *Backup { return m.summary(dir, ledger) }

// InView are the slices that the table `usage` holds; nil: it is a view of files.
func (u *Usage) InView() map[string]bool { return u.inView }

// Touched are the times under which the files of a folder were last found to be right.
func (s *Store) Touched(folder string) (times []int64) {
	for _, f := range s.kept[folder] {
		times = append(times, f.modified)
	}
	return times
}

// Unlock gives up the lock, as the operating system does when a run is killed.
func (l *Ledger) Unlock() error { return l.lock.Close() }
