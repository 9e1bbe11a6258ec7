namespace IpuNet.Training.Export;

/// <summary>How the float weights of convolutions and fully connected layers lie in a model's file. 8-bit weights stay 8-bit either way.</summary>
public enum WeightStorage
{
    /// <summary>32-bit: nothing is lost.</summary>
    Full,

    /// <summary>16-bit, for half the file; cast to 32-bit while the model loads. Each weight moves by at most 1/2048 of itself.</summary>
    Half,
}
