// Command manpages writes a man page for each command of pidledger into a folder: make share and make install call it.
package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra/doc"

	"github.com/pidledger/pidledger/cmd"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: manpages FOLDER")
		os.Exit(2)
	}
	folder := os.Args[1]
	err := os.MkdirAll(folder, 0o755)
	if err == nil {
		err = doc.GenManTree(cmd.Documented(), &doc.GenManHeader{Section: "1", Source: "pidledger", Manual: "pidledger"}, folder)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "manpages:", err)
		os.Exit(1)
	}
}
