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

// ofType reads system|code|value: an identifier whose type has that coding (https://hl7.org/fhir/R4/search.html#modifiers).
func ofType(text string) (v Value, bad string) {
	parts := split(text, '|')
	if len(parts) != 3 || parts[1] == "" || parts[2] == "" {
		return Value{}, "must be system|code|value with the modifier :of-type, the system may be empty"
	}
	return Value{System: unescape(parts[0]), Code: unescape(parts[1]), HasSystem: true, Text: unescape(parts[2])}, ""
}

// id reads a logical id, which no system goes with.
func id(text string) (v Value, bad string) {
	if len(split(text, '|')) > 1 {
		return Value{}, "takes ids, which have no system"
	}
	return Value{Code: unescape(text)}, ""
}
