from npu_standin.common import DeviceInfo, JobConfig, JobInfo, NPUBasics

__all__ = ["DeviceInfo", "JobConfig", "JobInfo", "NPUBasics"]
