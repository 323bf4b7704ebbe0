package validate

import "strconv"

// Numbers come as JSON writes them. FHIR's whole numbers have 32 bits and no point or exponent.

func isInteger(s string) bool {
	_, err := strconv.ParseInt(s, 10, 32)
	return err == nil
}

func isUnsignedInt(s string) bool { return s != "" && s[0] != '-' && isInteger(s) }

func isPositiveInt(s string) bool { return isUnsignedInt(s) && s[0] != '0' }
