// Command pidledger tells an Azure partner which usage was created by the partner's own software.
package main

import (
	"os"

	"github.com/pidledger/pidledger/cmd"
)

func main() { os.Exit(cmd.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
