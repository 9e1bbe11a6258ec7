namespace IpuNet.Training.Export;

/// <summary>
/// How a model file stores the float weights of convolutions and fully connected layers. Weights of 8 bit stay at 8 bit in both cases.
/// </summary>
public enum WeightStorage
{
    /// <summary>32 bit: the weights stay exact.</summary>
    Full,

    /// <summary>
    /// 16 bit: the file is half as large. The weights become 32 bit again when the model loads. Each changes by at most 1/2048 of itself.
    /// </summary>
    Half,
}
