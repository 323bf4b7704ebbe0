package audit

// What a patient sees of who has seen his record must not tell of others: an entry of a search names all whom it has shown.

// alone is the entry as far as it is about one patient. Where others are mentioned in it too, it does not say which of the things
// belong to whom, so that the patient himself is left, and what names nothing in particular.
func (e Entry) alone(patient string) Entry {
	if len(e.Patients) == 1 && e.Patients[0] == patient {
		return e
	}
	var his []Thing
	for _, t := range e.Things {
		if t.ID == "" || t.Type == "Patient" && t.ID == patient {
			his = append(his, t)
		}
	}
	e.Things, e.Patients = his, []string{patient}
	return e
}
