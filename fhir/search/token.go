package search

// token reads code, system|code, |code or system| (https://hl7.org/fhir/R4/search.html#token).
func token(text string) (v Value, bad string) {
	parts := split(text, '|')
	switch {
	case len(parts) == 1:
		return Value{Code: unescape(parts[0])}, ""
	case len(parts) > 2:
		return Value{}, `has too many bars; write \| for one that belongs to the code`
	case parts[0] == "" && parts[1] == "":
		return Value{}, "has neither system nor code"
	}
	return Value{System: unescape(parts[0]), Code: unescape(parts[1]), HasSystem: true}, ""
}
