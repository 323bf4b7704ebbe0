package path

// functionNamed finds a function of http://hl7.org/fhirpath/N1/#functions or of
// https://hl7.org/fhir/R4/fhirpath.html#functions; a few come from later editions.
func functionNamed(name string) (*function, bool) {
	f, ok := functions[name]
	return f, ok
}

func of(run func(*machine, *call, int) error, min, max int) *function {
	return &function{run: run, min: min, max: max}
}

// sieve is a function that gives nothing of nothing.
func sieve(run func(*machine, *call, int) error, min, max int) *function {
	return &function{run: run, min: min, max: max, strict: true}
}

// asks is a function that gives a truth value.
func asks(run func(*machine, *call, int) error, min, max int) *function {
	return &function{run: run, min: min, max: max, truth: true}
}

// ofTypes is a function whose argument is a type; the parser makes an operator of it.
func ofTypes() *function { return &function{min: 1, max: 1, types: true} }

// functions are read only.
var functions = map[string]*function{
	// existence
	"empty":      asks(isEmpty, 0, 0),
	"exists":     asks(exists, 0, 1),
	"all":        asks(all, 1, 1),
	"allTrue":    asks(everyTruth(yes, no, yes), 0, 0),
	"anyTrue":    asks(everyTruth(no, yes, yes), 0, 0),
	"allFalse":   asks(everyTruth(yes, no, no), 0, 0),
	"anyFalse":   asks(everyTruth(no, yes, no), 0, 0),
	"subsetOf":   asks(subsetOf, 1, 1),
	"supersetOf": asks(supersetOf, 1, 1),
	"count":      of(count, 0, 0),
	"distinct":   sieve(distinct, 0, 0),
	"isDistinct": asks(isDistinct, 0, 0),
	// filtering and projection
	"where":  sieve(where, 1, 1),
	"select": sieve(selects, 1, 1),
	"repeat": sieve(repeats, 1, 1),
	"ofType": ofTypes(),
	// subsetting
	"single":    sieve(single, 0, 0),
	"first":     sieve(first, 0, 0),
	"last":      sieve(last, 0, 0),
	"tail":      sieve(tail, 0, 0),
	"skip":      sieve(skip, 1, 1),
	"take":      sieve(take, 1, 1),
	"intersect": sieve(intersect, 1, 1),
	"exclude":   sieve(exclude, 1, 1),
	// combining
	"union":   of(unionWith, 1, 1),
	"combine": of(combineWith, 1, 1),
	// conversion
	"iif":                of(iif, 2, 3),
	"toBoolean":          of(converts(toBoolean), 0, 0),
	"convertsToBoolean":  asks(canConvert(toBoolean), 0, 0),
	"toInteger":          of(converts(toInteger), 0, 0),
	"convertsToInteger":  asks(canConvert(toInteger), 0, 0),
	"toDecimal":          of(converts(toDecimal), 0, 0),
	"convertsToDecimal":  asks(canConvert(toDecimal), 0, 0),
	"toString":           of(converts(toText), 0, 0),
	"convertsToString":   asks(canConvert(toText), 0, 0),
	"toDate":             of(converts(toDate), 0, 0),
	"convertsToDate":     asks(canConvert(toDate), 0, 0),
	"toDateTime":         of(converts(toDateTime), 0, 0),
	"convertsToDateTime": asks(canConvert(toDateTime), 0, 0),
	"toTime":             of(converts(toTime), 0, 0),
	"convertsToTime":     asks(canConvert(toTime), 0, 0),
	"toQuantity":         of(quantityIn(false), 0, 1),
	"convertsToQuantity": asks(quantityIn(true), 0, 1),
	// strings
	"indexOf":        of(textWith(indexOf), 1, 1),
	"lastIndexOf":    of(textWith(lastIndexOf), 1, 1),
	"substring":      of(substring, 1, 2),
	"startsWith":     asks(textWith(startsWith), 1, 1),
	"endsWith":       asks(textWith(endsWith), 1, 1),
	"contains":       asks(textWith(containsText), 1, 1),
	"upper":          of(textWith(upper), 0, 0),
	"lower":          of(textWith(lower), 0, 0),
	"replace":        of(textWith(replace), 2, 2),
	"matches":        asks(matches(false), 1, 2),
	"matchesFull":    asks(matches(true), 1, 2),
	"replaceMatches": of(replaceMatches, 2, 3),
	"length":         of(textWith(length), 0, 0),
	"toChars":        of(toChars, 0, 0),
	"trim":           of(textWith(trim), 0, 0),
	"split":          of(split, 1, 1),
	"join":           of(join, 0, 1),
	"encode":         of(textWith(encode), 1, 1),
	"decode":         of(textWith(decode), 1, 1),
	"escape":         of(textWith(escapeText), 1, 1),
	"unescape":       of(textWith(unescapeText), 1, 1),
	// math
	"abs":      of(numeric(abs), 0, 0),
	"ceiling":  of(numeric(ceiling), 0, 0),
	"exp":      of(numeric(exponential), 0, 0),
	"floor":    of(numeric(floor), 0, 0),
	"ln":       of(numeric(naturalLog), 0, 0),
	"log":      of(numericWith(logarithm), 1, 1),
	"power":    of(numericWith(raised), 1, 1),
	"round":    of(round, 0, 1),
	"sqrt":     of(numeric(squareRoot), 0, 0),
	"truncate": of(numeric(truncate), 0, 0),
	// boundaries
	"lowBoundary":  of(boundary(lowest), 0, 1),
	"highBoundary": of(boundary(highest), 0, 1),
	"precision":    of(precisionOf, 0, 0),
	"comparable":   asks(comparable, 1, 1),
	// tree
	"children":    sieve(children, 0, 0),
	"descendants": sieve(descendants, 0, 0),
	// utility
	"trace":     sieve(trace, 1, 2),
	"now":       of(now, 0, 0),
	"today":     of(today, 0, 0),
	"timeOfDay": of(timeOfDay, 0, 0),
	"aggregate": of(aggregate, 1, 2),
	"sort":      sieve(sorted, 0, 16),
	"not":       asks(negates, 0, 0),
	"type":      sieve(typesOf, 0, 0),
	"is":        ofTypes(),
	"as":        ofTypes(),
	// FHIR
	"extension":         sieve(extension, 1, 1),
	"hasValue":          asks(hasValue, 0, 0),
	"getValue":          sieve(getValue, 0, 0),
	"resolve":           sieve(resolve, 0, 0),
	"memberOf":          asks(memberOf, 1, 1),
	"subsumes":          asks(subsumption(false), 1, 1),
	"subsumedBy":        asks(subsumption(true), 1, 1),
	"conformsTo":        asks(conformsTo, 1, 1),
	"htmlChecks":        asks(htmlChecks, 0, 0),
	"htmlChecks2":       asks(htmlChecks, 0, 0),
	"hasExtension":      asks(hasExtension, 1, 1),
	"checkModifiers":    of(checkModifiers, 0, 8),
	"elementDefinition": sieve(elementDefinition, 0, 0),
	"slice":             sieve(slice, 2, 2),
}
