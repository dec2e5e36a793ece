package apart

// OfWay is the bytes of one client's own way to a member, or back. Its moments are behind those of all happenings.
func OfWay(client, member int, out bool) Slot {
	const first, all = (int(Snapshot)+1)*members*members + (int(Call-Tick)+1)*members, 1000
	n := 2 * (client*members + member%members)
	if out {
		n++
	}
	return Slot(first + n%(all-first))
}
