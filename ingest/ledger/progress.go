package ledger

// Progress is told how far the work is. Calls are cheap and may come from several goroutines at once.
type Progress interface {
	// Stage begins a stage that counts items such as files, steps or reports. Totals and counts start at zero again.
	Stage(name, items string)
	// Total says how many items the stage has; zero: not known.
	Total(items, bytes int64)
	// Add says that n more items are done.
	Add(items, bytes int64)
	// Rows says that n more rows were read or written.
	Rows(n int64)
	// Note tells the person at the terminal something worth a line of its own.
	Note(line string)
}
