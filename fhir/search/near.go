package search

import (
	"math"
	"strconv"
	"strings"
)

// metresOf are the units of distance that near takes (UCUM), in metres.
func metresOf(unit string) float64 {
	switch unit {
	case "", "km":
		return 1000
	case "m":
		return 1
	case "cm":
		return 0.01
	case "[mi_i]", "[mi_us]", "mi":
		return 1609.344
	case "[ft_i]", "ft":
		return 0.3048
	case "[nmi_i]":
		return 1852
	}
	return 0
}

const (
	badNear    = "must be latitude|longitude|distance|units in decimal degrees, the last two left out if wanted; units are km, m, cm, [mi_i], [ft_i] or [nmi_i]"
	defaultKM  = "50" // where no distance is given, which the standard leaves to the server
	maxMetres  = 20_037_508
	maxFigures = 30
)

// near reads [latitude]|[longitude]|[distance]|[units] (https://hl7.org/fhir/R4/location.html#positional).
func near(text string) (v Value, bad string) {
	parts := split(text, '|')
	if len(parts) < 2 || len(parts) > 4 {
		return v, badNear
	}
	parts = append(parts, "", "")
	if parts[2] == "" {
		parts[2] = defaultKM
		if parts[3] == "" {
			parts[3] = "km"
		}
	}
	var ok [3]bool
	v.Lat, ok[0] = figure(parts[0])
	v.Lon, ok[1] = figure(parts[1])
	v.Within, ok[2] = figure(parts[2])
	v.Within *= metresOf(unescape(parts[3]))
	switch {
	case !ok[0] || !ok[1] || !ok[2] || metresOf(unescape(parts[3])) == 0:
		return v, badNear
	case math.Abs(v.Lat) > 90 || math.Abs(v.Lon) > 180:
		return v, "must be a latitude from -90 to 90 and a longitude from -180 to 180"
	case v.Within <= 0:
		return v, "must have a distance above 0"
	}
	v.Within = min(v.Within, maxMetres)
	return v, ""
}

// figure reads a plain decimal.
func figure(s string) (float64, bool) {
	if s == "" || len(s) > maxFigures || strings.Trim(s, "0123456789.-+") != "" {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil
}
