package store

// WithRoom makes the ranges of comparisons short.
func (s *Store) WithRoom(expected, extra int) { s.room = room{expected, extra} }

// PatientsIn is patientsIn of an observation.
func PatientsIn(body []byte) []string { return (&Store{}).patientsIn(nil, "Observation", "o", body) }
