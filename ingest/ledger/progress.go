package ledger

// Progress is told how far the work is. Calls are cheap and may come from several goroutines at once.
type Progress interface {
	// Stage begins a stage, whose items are of a kind: files, steps, reports. Totals and amounts start at zero again.
	Stage(name, items string)
	// Total says how much the stage has to do; zero: not known.
	Total(items, bytes int64)
	// Add says that so much more is done.
	Add(items, bytes int64)
	// Rows says that so many rows more were read or written.
	Rows(n int64)
	// Note tells the person at the terminal something worth a line of its own.
	Note(line string)
}
