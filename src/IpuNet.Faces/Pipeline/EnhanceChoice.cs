namespace IpuNet.Faces.Pipeline;

/// <summary>Which faces are super-resolved. None is that has as many pixels as the enhancer gives, for it would lose some.</summary>
public enum EnhanceChoice
{
    /// <summary>Those whose resolution band the enhancer's policy names; without a policy none.</summary>
    Auto,

    /// <summary>All.</summary>
    On,

    /// <summary>None.</summary>
    Off,
}
