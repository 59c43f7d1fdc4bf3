//go:build !unix

package cmd

// private does nothing here: the folder's own permissions are inherited.
func private() {}
