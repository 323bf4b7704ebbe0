package r4

// Rule is an invariant.
type Rule struct {
	Key        string // "pat-1"
	Severity   string // error or warning
	Human      string
	Expression string // FHIRPath, true where the rule holds; the focus is each value of the type or element that has the rule
}
