package evidence

import "slices"

var keptKinds = []kind{kindDeployment, kindOperation, kindWrite, kindDelete, kindMove, kindChange, kindRequest}

// IsKept reports whether records of a kind become canonical rows; the others are only counted.
func IsKept(name string) bool {
	return slices.ContainsFunc(keptKinds, func(k kind) bool { return kindNames[k] == name })
}
