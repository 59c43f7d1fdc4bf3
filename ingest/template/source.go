package template

type setting struct{}

func newSetting(f []string) setting { return setting{} }
func IsSource(name string) bool     { return false }
func (c *checker) source()          {}
