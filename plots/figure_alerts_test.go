package plots

func init() { onEtcdAlone["alerts"] = true } // simulated members have no metrics
