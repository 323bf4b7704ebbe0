package mapping

// Reasons for which a column may be dropped or a row filtered. There are no others.
const (
	Constant    = "deprecated-and-constant" // no longer used, and holds nothing but the stated values
	Derivable   = "derivable"               // its value follows from others
	Technical   = "technical"               // bookkeeping of the old program, of no meaning outside it
	Placeholder = "placeholder-row"         // stands for no thing: a row that exists so that others can point at it
	OutOfScope  = "out-of-scope"            // left behind by decision of the operator
)

func reasons() []string {
	return []string{Constant, Derivable, Technical, Placeholder, OutOfScope}
}
