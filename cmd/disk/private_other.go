//go:build !unix

package disk

// Private does nothing here: the folder's own permissions are inherited.
func Private() {}
