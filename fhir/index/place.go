package index

import (
	"math"

	"github.com/ficushealth/ficus/fhir/path"
)

// EarthRadius is the mean radius of the earth in metres, the sphere on which distances of near are measured.
const EarthRadius = 6_371_008.8

// The keys of the rows of a place: its latitude and longitude in degrees, and the point on the unit sphere that it is.
func (h Hasher) PlaceDegrees(t, p string) int64 { return h.Key(t, p) }

// PlaceXY is the key of the row with the first two coordinates of the point, towards 0° and 90° east on the equator.
func (h Hasher) PlaceXY(t, p string) int64 { return h.Key(t, p, "xy") }

// PlaceZ is the key of the row with the third, towards the north pole.
func (h Hasher) PlaceZ(t, p string) int64 { return h.Key(t, p, "z") }

// Point is the point of the unit sphere at a latitude and longitude in degrees.
func Point(lat, lon float64) (x, y, z float64) {
	sinLat, cosLat := math.Sincos(lat * math.Pi / 180)
	sinLon, cosLon := math.Sincos(lon * math.Pi / 180)
	return cosLat * cosLon, cosLat * sinLon, sinLat
}

// emitPlace adds the rows of Location.position. What is no place on earth has none.
func emitPlace(e *emitter, p *param, n path.Node) {
	lat, hasLat := float(n.Value().Get("latitude"))
	lon, hasLon := float(n.Value().Get("longitude"))
	if !hasLat || !hasLon || math.Abs(lat) > 90 || math.Abs(lon) > 180 {
		return
	}
	x, y, z := Point(lat, lon)
	e.rows.Number = append(e.rows.Number, NumberRow{Hash: e.h.key(p.prefix), Lo: lat, Hi: lon},
		NumberRow{Hash: e.h.key(p.prefix, "xy"), Lo: x, Hi: y}, NumberRow{Hash: e.h.key(p.prefix, "z"), Lo: z, Hi: z})
}
